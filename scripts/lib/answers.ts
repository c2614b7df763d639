import { readFileSync } from 'node:fs'
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'

const PATIENCE_MS = 5000

/** Whether a GET of the URL is answered with 2xx; https is checked against the given authority. */
export function answers(url: string, authorityFile?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ca = authorityFile === undefined ? undefined : readFileSync(authorityFile)
    const options = { timeout: PATIENCE_MS, agent: false as const }
    const request = url.startsWith('https:')
      ? getHttps(url, ca === undefined ? options : { ...options, ca }, settle)
      : getHttp(url, options, settle)
    function settle(response: { statusCode?: number | undefined; resume(): unknown }): void {
      response.resume()
      resolve(response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300)
    }
    request.on('error', () => resolve(false))
    request.on('timeout', () => request.destroy(new Error('no answer')))
  })
}
