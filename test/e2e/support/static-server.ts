import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const mediaTypes: Record<string, string> = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

/** As strict as the services are: whatever a page needs beyond this would fail there too. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
  + "manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

export interface StaticServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves built pages from `folder` and JSON answers by path, with a strict content security policy. */
export async function serveStatic(folder: string, answers: Readonly<Record<string, unknown>>): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    response.setHeader('content-security-policy', policy)
    if (pathname === '/theme.css') {
      response.setHeader('content-type', 'text/css').end()
    } else if (pathname in answers) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[pathname]))
    } else {
      const file = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname)
      if (!existsSync(file) || !statSync(file).isFile()) {
        response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"status":404,"code":"ERR_NOT_FOUND"}')
        return
      }
      response.setHeader('content-type', mediaTypes[extname(file)] ?? 'application/octet-stream')
      createReadStream(file).pipe(response)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
