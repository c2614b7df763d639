import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FileResponse, RouteOutput } from './route.ts'

/** Declares the answer to a reader who has the newest version: `responses: { 200: schema, 304: notModified }`. */
export const notModified: FileResponse = { mediaType: 'application/json', description: 'Not changed since' }

/**
 * A public JSON answer with an entity tag; 304 without a body to whoever has it already.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function answerCacheable(headers: IncomingHttpHeaders, body: unknown, options: { readonly maxAgeSeconds: number }): RouteOutput {
  const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 27)}"`
  const cache = { etag, 'cache-control': `public, max-age=${options.maxAgeSeconds}` }
  const known = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers: cache }
  return { status: 200, body, headers: cache }
}
