import { createServer } from 'node:net'
import { expect } from 'chai'
import { requireFreePorts } from '../../scripts/lib/ports.ts'
import { SetupError } from '../../scripts/lib/setup-error.ts'

async function listening(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

describe('ports', () => {
  it('in use are named together with what to do', async () => {
    const server = await listening()
    let refusal: unknown
    try {
      await requireFreePorts(server.port, 1)
    } catch (error) {
      refusal = error
    } finally {
      await server.close()
    }
    expect(refusal).to.be.instanceOf(SetupError)
    expect((refusal as Error).message).to.match(new RegExp(`^Port ${server.port} is in use: stop the program that uses it, or choose others with npm start -- --port \\d+\\.$`))
  })

  it('that are free are accepted', async () => {
    const server = await listening()
    await server.close()
    await requireFreePorts(server.port, 1)
  })
})
