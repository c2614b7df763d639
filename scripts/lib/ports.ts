import { createServer } from 'node:net'
import { SetupError } from './setup-error.ts'

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** @throws SetupError naming the first busy port and a free alternative. */
export async function requireFreePorts(first: number, count: number): Promise<void> {
  for (let port = first; port < first + count; port += 1) {
    // A server on all addresses and one on loopback alone do not always exclude each other.
    const free = (await isFree(port, '127.0.0.1')) && (await isFree(port, '::1')) && (await isFree(port, '0.0.0.0'))
    if (!free) {
      throw new SetupError(
        `Port ${port} is in use: stop the program that uses it, or choose others with npm start -- --port ${first + 100 > 65_533 ? 4800 : first + 100}.`
      )
    }
  }
}
