import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * Security headers of every answer: no inline script, no foreign origin but for fetches of the wallet, which must reach
 * other cities; the camera for this origin only.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export function securityHeaders(options: { readonly secure: boolean; readonly allowLocalhost: boolean }): RequestHandler[] {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'", 'https:', ...(options.allowLocalhost ? ['http://localhost:*', 'http://127.0.0.1:*'] : [])],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(options.secure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: options.secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    crossOriginEmbedderPolicy: false,
  })
  const permissions: RequestHandler = (_request, response, next) => {
    response.setHeader('permissions-policy', 'camera=(self), clipboard-write=(self), geolocation=(), microphone=(), payment=(), usb=()')
    next()
  }
  return [headers, permissions]
}
