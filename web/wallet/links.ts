/** What a link or code asks the wallet to do. */
export interface WalletLink {
  readonly kind: 'offer' | 'request' | 'pay'
  /** For `offer` and `request` the protocol link, for `pay` the URL of the order. */
  readonly value: string
}

const schemes: Record<string, WalletLink['kind']> = {
  'openid-credential-offer': 'offer', 'haip-vci': 'offer',
  'openid4vp': 'request', 'haip-vp': 'request', 'haip': 'request', 'eudi-openid4vp': 'request', 'mdoc-openid4vp': 'request',
}

/**
 * Reads what was scanned, pasted or opened: a protocol link of any known scheme, a link to a web wallet that carries one
 * in its fragment, or the URL of an order. Undefined for anything else.
 */
export function parseWalletLink(text: string): WalletLink | undefined {
  const link = text.trim()
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(link)?.[1]?.toLowerCase()
  if (scheme === undefined || !URL.canParse(link)) return undefined
  const kind = schemes[scheme]
  if (kind !== undefined) return { kind, value: link }
  if (scheme !== 'https' && scheme !== 'http') return undefined
  const url = new URL(link)
  if (url.hash !== '') return parseFragment(url.hash)
  if (url.searchParams.has('credential_offer') || url.searchParams.has('credential_offer_uri')) return { kind: 'offer', value: link }
  if (url.searchParams.has('client_id') && (url.searchParams.has('request_uri') || url.searchParams.has('request'))) {
    return { kind: 'request', value: link }
  }
  return /\/v1\/orders\/0x[0-9a-f]{64}$/i.test(url.pathname) ? { kind: 'pay', value: link } : undefined
}

/** Reads the fragment of a wallet link: `#offer=…`, `#request=…`, `#pay=…`, the value percent-encoded. */
export function parseFragment(fragment: string): WalletLink | undefined {
  const [, name, encoded] = /^#?(offer|request|pay)=(.+)$/s.exec(fragment) ?? []
  if (name === undefined || encoded === undefined) return undefined
  let value
  try {
    value = decodeURIComponent(encoded)
  } catch {
    return undefined
  }
  const inner = parseWalletLink(value)
  return inner?.kind === name ? inner : undefined
}
