import { ProtocolError } from './errors.ts'
import { isMediaType } from './media-type.ts'
import { parseWebUrl } from './web-url.ts'

/** The part of `fetch` that the wallet side uses; injected, so that it can be observed and faked. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

const MAX_CHARACTERS = 4 * 1024 * 1024

/**
 * Sends a request and reads the answer as text. Redirects are errors (OpenID4VP 1.0 §14.9).
 * @throws ProtocolError ERR_URL_NOT_ALLOWED, ERR_REMOTE_UNREACHABLE, ERR_REMOTE_REFUSED, ERR_RESPONSE_INVALID
 */
export const requestText = async (
  fetch: Fetch, url: string, init: RequestInit, mediaTypes: readonly string[]
): Promise<string> => {
  const { response, text } = await send(fetch, url, init)
  if (!isMediaType(response.headers.get('content-type'), ...mediaTypes)) {
    throw new ProtocolError('ERR_RESPONSE_INVALID', `expected ${mediaTypes.join(' or ')}`)
  }
  return text
}

/** Like {@link requestText} for a JSON object. An answer without content, or none in JSON where allowed, gives `{}`. */
export const requestJson = async (
  fetch: Fetch, url: string, init: RequestInit = {}, options: { readonly emptyAllowed?: boolean } = {}
): Promise<Record<string, unknown>> => {
  const { response, text } = await send(fetch, url, { ...init, headers: { accept: 'application/json', ...init.headers } })
  if (options.emptyAllowed === true && text.trim() === '') return {}
  const json = isMediaType(response.headers.get('content-type'), 'application/json') ? parseObject(text) : undefined
  if (json === undefined) throw new ProtocolError('ERR_RESPONSE_INVALID', 'expected a JSON object')
  return json
}

/** A form body and its header. */
export const formBody = (values: Readonly<Record<string, string>>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(values).toString()
})

const send = async (fetch: Fetch, url: string, init: RequestInit): Promise<{ response: Response, text: string }> => {
  const { href } = parseWebUrl(url)
  let response
  let text
  try {
    response = await fetch(href, { redirect: 'error', credentials: 'omit', referrerPolicy: 'no-referrer', ...init })
    text = await response.text()
  } catch (cause) {
    throw new ProtocolError('ERR_REMOTE_UNREACHABLE', 'the other side could not be reached', { cause })
  }
  if (text.length > MAX_CHARACTERS) throw new ProtocolError('ERR_RESPONSE_INVALID', 'the answer is too large')
  if (!response.ok) throw refusal(response, text)
  return { response, text }
}

const refusal = (response: Response, text: string): ProtocolError => {
  const error = parseObject(text)?.['error'] ?? challengeError(response)
  return new ProtocolError('ERR_REMOTE_REFUSED', `the other side answered ${response.status}`, {
    status: response.status,
    ...(typeof error === 'string' && { oauthError: error })
  })
}

const challengeError = (response: Response): string | undefined =>
  /error="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1]

const parseObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}
