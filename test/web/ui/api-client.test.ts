import { expect } from 'chai'
import { createApiClient } from '../../../web/ui/api-client.ts'
import { ApiError, describeError } from '../../../web/ui/problem.ts'

type Answer = Response | 'no network'

function clientWith(...answers: Answer[]) {
  const requests: { url: string; headers: Record<string, string> }[] = []
  const client = createApiClient({
    origin: 'https://city.example',
    wait: () => Promise.resolve(),
    fetch: ((url: string, init: RequestInit) => {
      requests.push({ url, headers: { ...init.headers as Record<string, string> } })
      const answer = answers.shift()
      return answer === undefined || answer === 'no network' ? Promise.reject(new TypeError('failed')) : Promise.resolve(answer)
    }) as typeof fetch,
  })
  return { client, requests }
}

const ok = (body: unknown = { done: true }) => Response.json(body)
const problem = (status: number, code: string, headers = {}) => new Response(JSON.stringify({ code, status }), {
  status, headers: { 'content-type': 'application/problem+json', ...headers },
})

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('It did not fail')
}

describe('api client', () => {
  it('repeats a question that got lost, and gives up after the third time', async () => {
    const { client, requests } = clientWith('no network', 'no network', ok())
    expect(await client.get('/v1/city')).to.deep.equal({ done: true })
    expect(requests.map(({ url }) => url)).to.deep.equal(Array(3).fill('https://city.example/v1/city'))
    expect(await failure(clientWith().client.get('/'))).to.include({ code: 'ERR_OFFLINE', status: 0 })
  })

  it('sends an idempotent request again under the same key', async () => {
    const { client, requests } = clientWith('no network', problem(503, 'ERR_BUSY'), ok())
    await client.post('/v1/offers', { a: 1 }, { idempotent: true })
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).to.equal(1)
    expect(requests).to.have.length(3)
  })

  it('keeps the key when the person tries again after all attempts failed', async () => {
    const { client, requests } = clientWith('no network', 'no network', 'no network', ok(), ok())
    await failure(client.post('/v1/offers', { a: 1 }, { idempotent: true }))
    await client.post('/v1/offers', { a: 1 }, { idempotent: true })
    await client.post('/v1/offers', { a: 1 }, { idempotent: true })
    const keys = requests.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys.slice(0, 4)).size).to.equal(1)
    expect(keys[4], 'a new key after an answer').not.to.equal(keys[3])
  })

  it('takes a new key after a refusal and for another body', async () => {
    const { client, requests } = clientWith(problem(409, 'ERR_X'), ok(), ok())
    await failure(client.post('/v1/offers', { a: 1 }, { idempotent: true }))
    await client.post('/v1/offers', { a: 1 }, { idempotent: true })
    await client.post('/v1/offers', { a: 2 }, { idempotent: true })
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).to.equal(3)
  })

  it('never repeats a request that may not be repeated', async () => {
    const { client, requests } = clientWith('no network', ok())
    await failure(client.post('/auth/logout'))
    expect(requests).to.have.length(1)
  })

  it('reads problem details', async () => {
    const error = await failure(clientWith(problem(409, 'ERR_ORDER_CLOSED', { 'retry-after': '7' })).client.get('/'))
    expect(error).to.include({ code: 'ERR_PROBLEM', status: 409, problem: 'ERR_ORDER_CLOSED', retryAfterSeconds: 7 })
  })

  it('keeps what a problem tells beyond the members all have', async () => {
    const answer = new Response('{"status":422,"code":"ERR_REHEARSAL_REFUSED","detail":"x","refusal":{"code":"ERR_Y"}}', { status: 422 })
    expect(await failure(clientWith(answer).client.get('/'))).to.deep.include({ problem: 'ERR_REHEARSAL_REFUSED', members: { status: 422, refusal: { code: 'ERR_Y' } } })
  })

  it('does not take a page for an answer', async () => {
    expect(await failure(clientWith(...Array.from({ length: 3 }, () => new Response('<html>', { status: 200 }))).client.get('/')))
      .to.include({ code: 'ERR_RESPONSE_INVALID' })
    expect(await failure(clientWith(new Response('<html>', { status: 404 })).client.get('/'))).to.include({ code: 'ERR_PROBLEM', status: 404 })
  })

  it('sends the cross-site request token with what changes something only', async () => {
    const { client, requests } = clientWith(ok(), ok())
    client.setCsrfToken('token')
    await client.get('/v1/city')
    await client.post('/v1/offers')
    expect(requests.map(({ headers }) => headers['x-csrf-token'])).to.deep.equal([undefined, 'token'])
  })

  it('has plain words for every kind of error', () => {
    const nameOf = (status: number) => describeError(new ApiError('ERR_PROBLEM', { status })).title
    expect(nameOf(401)).to.equal('error.signed_out.title')
    expect(nameOf(429)).to.equal('error.too_many.title')
    expect(nameOf(418)).to.equal('error.refused.title')
    expect(nameOf(500)).to.equal('error.unavailable.title')
    expect(describeError(new ApiError('ERR_OFFLINE')).title).to.equal('error.offline.title')
    expect(describeError(new Error('x')).title).to.equal('error.unexpected.title')
  })
})
