import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The account with which a demo's gateway logs in to every simulated Keystone. */
export interface DemoAccount {
  readonly username: string
  readonly project: string
  readonly passwordFile: string
}

/** Where a simulator says that its system controller is. */
export interface DemoCloud {
  readonly keystone: string
  readonly dcmanager: string
  readonly ca_file: string
}

/** Makes up a password, in the demo's private folder. */
export async function createAccount(folder: string): Promise<DemoAccount> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 })
  return { username: 'fleet', project: 'services', passwordFile }
}

/** What makes the simulator a distributed cloud that can be discovered, over TLS. */
export function cloudFlags({ username, project, passwordFile }: DemoAccount, folder: string): string[] {
  const login = ['--keystone-user', username, '--keystone-password-file', passwordFile]
  return [...login, '--keystone-project', project, '--dcmanager', '--tls', '--tls-folder', folder]
}

/** Where the gateway's configuration has its regions from: no region is listed. */
export function discoveredRegions(cloud: DemoCloud, account: DemoAccount) {
  const { dcmanager: url, keystone, ca_file } = cloud
  return {
    discovery: [{ kind: 'dcmanager', url, keystone, credentials: 'default', interval: '10s' }],
    credentials: {
      default: {
        username: account.username,
        password_file: account.passwordFile,
        project_name: account.project,
        user_domain_name: 'Default',
        project_domain_name: 'Default',
      },
    },
    upstream: { ca_file },
    metrics: { region_labels: ['group'] },
  }
}
