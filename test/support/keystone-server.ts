import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { createKeystoneAdmin, type KeystoneAdmin } from './keystone-admin.ts'

/** Debian's own Keystone in a private folder, set up as StarlingX sets it up, by a clock that a test moves. */
export interface KeystoneServer {
  /** Of its API, `/v3` included. */
  readonly url: string
  readonly admin: KeystoneAdmin
  /** Everything that it logged. */
  log(): string
  /** s that its clock is ahead of ours from now on; negative: behind. */
  setClock(ahead: number): void
  /** As after a rotation that came too often: no key of before is left. */
  replaceFernetKeys(): void
  close(): Promise<void>
}

const setup = join(import.meta.dirname, '../setup/keystone.sh')
/** In memory where there is such a folder: on a slow disk each login waits for sqlite. */
const temporary = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const program = join(import.meta.dirname, 'keystone-server.py')

export async function startKeystone(): Promise<KeystoneServer> {
  const folder = await mkdtemp(join(temporary, 'stx-fleet-keystone-'))
  cpSync(await template(), folder, { recursive: true })
  const clock = join(folder, 'clock')
  const log = join(folder, 'keystone.log')
  const setClock = (ahead: number): void => {
    // Renamed into place: Keystone reads it at every look at the clock.
    writeFileSync(`${clock}.new`, `${ahead < 0 ? '-' : '+'}${Math.abs(ahead)}\n`)
    renameSync(`${clock}.new`, clock)
  }
  setClock(0)
  await writeFile(join(folder, 'keystone.conf'), configuration(folder, log))
  const child = spawn('/usr/bin/python3', [program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/bin:/bin',
      OS_KEYSTONE_CONFIG_FILES: join(folder, 'keystone.conf'),
      LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1',
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
  })
  const ended = once(child, 'exit')
  try {
    const url = `http://127.0.0.1:${await portOf(child)}/v3`
    const admin = createKeystoneAdmin(url)
    await admin.furnish()
    return {
      url,
      admin,
      log: () => readFileSync(log, 'utf8'),
      setClock,
      replaceFernetKeys() {
        const keys = join(folder, 'fernet-keys')
        for (const key of readdirSync(keys)) writeFileSync(join(keys, key), fernetKey())
      },
      async close() {
        child.stdin.end()
        await ended
        // What libfaketime may leave in shared memory.
        for (const left of [`faketime_shm_${child.pid}`, `sem.faketime_sem_${child.pid}`]) {
          await rm(join('/dev/shm', left), { force: true })
        }
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Made once per machine and state of the script that makes it: it takes some 10 s. */
async function template(): Promise<string> {
  const version = createHash('sha256').update(readFileSync(setup)).digest('hex').slice(0, 12)
  const folder = join(temporary, `stx-fleet-gateway-keystone-${userInfo().uid}-${version}`)
  await promisify(execFile)('sh', [setup, folder], { maxBuffer: 64 * 1024 * 1024 })
  return folder
}

/** The first line that it writes is its port. */
async function portOf(child: ChildProcess): Promise<number> {
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  if (child.stdout === null) throw new Error('Keystone has no output')
  for await (const line of createInterface({ input: child.stdout })) return Number(line)
  throw new Error(`Keystone did not start: ${complaints}`)
}

/** As StarlingX has it (password length and history left out); few rounds of bcrypt, for the sake of time. */
function configuration(folder: string, log: string): string {
  return `[DEFAULT]
log_file = ${log}
debug = false
max_token_size = 255
[database]
connection = sqlite:///${folder}/keystone.sqlite
[token]
provider = fernet
expiration = 3600
allow_expired_window = 0
[fernet_tokens]
key_repository = ${folder}/fernet-keys
[identity]
password_hash_rounds = 4
[security_compliance]
lockout_failure_attempts = 5
lockout_duration = 1800
password_expires_days = 90
`
}

function fernetKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url') + '='
}
