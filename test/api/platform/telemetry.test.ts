import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { problemFor, sendProblem } from '../../../api/platform/problems.ts'
import { createLogger, logRequests } from '../../../api/platform/telemetry.ts'

describe('the log of requests', () => {
  const lines: string[] = []
  let server: Server

  before(async () => {
    const app = express()
    app.use(logRequests(createLogger({ level: 'info', locode: 'PTOPO' }, { write: (line: string) => { lines.push(line) } })))
    app.get('/residents/:name', (request, response) => {
      const error = Object.assign(new RangeError('Ana Exemplo is out of range', { cause: new TypeError('born 1990-01-01') }), { code: 'ERR_OUT_OF_RANGE' })
      sendProblem(request, response, problemFor(error, 'problem'))
    })
    server = createServer(app)
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  })

  after(() => server.close())

  it('says which error a failure of ours was and where, and nothing of what it says', async () => {
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}/residents/Ana%20Exemplo`)
    expect(response.status).to.equal(500)
    const { err } = JSON.parse(lines.find((line) => line.includes('"err"')) ?? '{}') as { err?: { name: string; code: string; frames: string[]; cause: { name: string } } }
    expect(err).to.include({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
    expect(err?.frames[0]).to.include('telemetry.test.ts')
    expect(err?.cause.name).to.equal('TypeError')
    expect(lines.join('')).not.to.match(/Exemplo|1990/)
  })
})
