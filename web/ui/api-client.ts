import { ApiError } from './problem.ts'

export interface RequestOptions {
  /**
   * True for a POST that issues, awards or settles: the client makes an Idempotency-Key and keeps it for the same
   * path and body until an answer is final. A string is used as the key itself.
   */
  readonly idempotent?: boolean | string
  readonly bearer?: string
  readonly signal?: AbortSignal
}

export interface ApiClient {
  get<T>(path: string, options?: RequestOptions): Promise<T>
  post<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T>
  /** The cross-site request token of the session; sent with everything that changes something. */
  setCsrfToken(token: string | undefined): void
}

export interface ApiClientSettings {
  /** Origin to ask, without a trailing slash; empty for the origin of the page. */
  readonly origin?: string
  readonly fetch?: typeof fetch
  readonly wait?: (milliseconds: number) => Promise<void>
}

const retryDelays = [300, 1200]

/** A client of a city's HTTP API. Paths start with a slash; bodies and answers are JSON. */
export function createApiClient({
  origin = '',
  fetch: send = (...request) => fetch(...request),
  wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}: ApiClientSettings = {}): ApiClient {
  const pendingKeys = new Map<string, string>()
  let csrfToken: string | undefined

  async function once<T>(path: string, init: RequestInit): Promise<T> {
    let response: Response
    try {
      response = await send(origin + path, init)
    } catch (cause) {
      if (init.signal?.aborted === true) throw cause
      throw new ApiError('ERR_OFFLINE', { cause })
    }
    return readAnswer<T>(response)
  }

  async function withRetries<T>(path: string, init: RequestInit, mayRepeat: boolean): Promise<T> {
    for (const delay of mayRepeat ? retryDelays : []) {
      try {
        return await once<T>(path, init)
      } catch (error) {
        if (!isPassing(error)) throw error
        await wait(delay)
      }
    }
    return once<T>(path, init)
  }

  return {
    get: <T>(path: string, options: RequestOptions = {}) =>
      withRetries<T>(path, createInit('GET', undefined, options), true),
    async post<T>(path: string, body: unknown = {}, options: RequestOptions = {}) {
      const init = createInit('POST', body, options)
      const headers = init.headers as Record<string, string>
      if (csrfToken !== undefined) headers['x-csrf-token'] = csrfToken
      if (options.idempotent === undefined || options.idempotent === false) return withRetries<T>(path, init, false)
      const request = `${path}\n${String(init.body)}`
      const key = typeof options.idempotent === 'string'
        ? options.idempotent
        : pendingKeys.get(request) ?? crypto.randomUUID()
      pendingKeys.set(request, key)
      headers['idempotency-key'] = key
      try {
        const answer = await withRetries<T>(path, init, true)
        pendingKeys.delete(request)
        return answer
      } catch (error) {
        if (!isPassing(error)) pendingKeys.delete(request)
        throw error
      }
    },
    setCsrfToken(token) {
      csrfToken = token
    },
  }
}

function createInit(method: string, body: unknown, { bearer, signal }: RequestOptions): RequestInit {
  return {
    method,
    headers: {
      accept: 'application/json, application/problem+json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }
}

/** True when the same request may well succeed later, so that its idempotency key must be kept. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError
    && (error.code !== 'ERR_PROBLEM' || error.status >= 500 || error.status === 429 || error.status === 408)
}

async function readAnswer<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T
  let content: unknown
  try {
    content = await response.json()
  } catch (cause) {
    if (response.ok) throw new ApiError('ERR_RESPONSE_INVALID', { status: response.status, cause })
  }
  if (response.ok) return content as T
  const { code, detail, ...members } = (typeof content === 'object' && content !== null ? content : {}) as Record<string, unknown>
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  throw new ApiError('ERR_PROBLEM', {
    status: response.status,
    problem: typeof code === 'string' ? code : undefined,
    detail: typeof detail === 'string' ? detail : undefined,
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
    members,
  })
}

/** The client of the city that served the page. */
export const api: ApiClient = createApiClient()
