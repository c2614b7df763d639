import { ProtocolError } from './errors.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Reads a URL that protocol messages may point to: https, or http on this very machine; no credentials, no fragment.
 * @throws ProtocolError ERR_URL_NOT_ALLOWED
 */
export const parseWebUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (url === undefined || !secure || url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new ProtocolError('ERR_URL_NOT_ALLOWED', 'only https URLs without credentials and fragment are followed')
  }
  return url
}

const isLoopback = (hostname: string): boolean => LOOPBACK.has(hostname) || hostname.endsWith('.localhost')

/**
 * The well-known URL of an identifier: the suffix goes between host and path.
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-12.2.2
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.1
 */
export const wellKnownUrl = (identifier: string, suffix: string): string => {
  const { origin, pathname } = parseWebUrl(identifier)
  return `${origin}/.well-known/${suffix}${pathname === '/' ? '' : pathname.replace(/\/$/, '')}`
}

/** Parameters of a link with a custom scheme or an https link; the scheme in any case. */
export const linkParameters = (link: string): URLSearchParams | undefined => {
  const query = link.indexOf('?')
  if (!/^[a-z][a-z0-9+.-]*:/i.test(link) || query < 0) return undefined
  return new URLSearchParams(link.slice(query + 1).split('#', 1)[0])
}
