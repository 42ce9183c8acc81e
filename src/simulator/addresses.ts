import type { Server } from 'node:net'
import { createServer } from 'node:net'

/** A block 127.A.0.0/16 of loopback addresses that one simulator has for itself. */
export interface AddressBlock {
  /** The address of region number `index`, from 0; up to 62,500. */
  address(index: number): string
  release(): Promise<void>
}

const perLine = 250
const claimPort = 5490

/**
 * Takes the first block that no other simulator of this machine holds, from 127.16 on: the ports of the
 * services are fixed, so two fleets can't share addresses.
 */
export async function claimAddresses(): Promise<AddressBlock> {
  for (let block = 16; block < 255; block++) {
    const claim = await tryListen(`127.${block}.0.1`)
    if (!claim) continue
    return {
      address: (index) => `127.${block}.${Math.floor(index / perLine) + 1}.${(index % perLine) + 1}`,
      release: () => new Promise((resolve) => claim.close(() => resolve())),
    }
  }
  throw new Error('no free block of loopback addresses between 127.16 and 127.254')
}

function tryListen(host: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy())
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen({ host, port: claimPort, exclusive: true }, () => resolve(server))
  })
}
