import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import express, { type Express } from 'express'
import { ApiError } from './errors.ts'
import { escapeHtml, pagesCss, pagesIcon, renderPage } from './html.ts'

const apps = [
  ['wallet', 'Wallet', 'Keep your city card, show it, collect and spend points.'],
  ['staff', 'Staff', 'Enrol residents, issue and revoke cards, award points.'],
  ['verifier', 'Verifier', 'Check a card at a counter or a gate.'],
  ['merchant', 'Merchant', 'Accept points and ask for settlement.'],
  ['public', 'Public', 'Cities, issuers, agreements and programmes, read from the chain.'],
] as const

export interface StaticOptions {
  readonly cityName: string
  readonly webDir: string
  readonly themeFile: string | undefined
}

/** Serves `/`, `/theme.css`, `/pages.css`, the icon and the web apps. Hashed assets may be kept for ever, pages are asked for each time. */
export function mountStaticApps(app: Express, options: StaticOptions): void {
  const theme = options.themeFile === undefined ? '' : readFileSync(options.themeFile, 'utf8')
  app.get('/', (_request, response) => {
    response.locals.route = '/'
    response.setHeader('cache-control', 'no-cache')
    response.type('html').send(landingPage(options.cityName))
  })
  const files = [
    ['/theme.css', 'css', theme],
    ['/pages.css', 'css', pagesCss],
    ['/icon.svg', 'svg', pagesIcon],
    // Browsers ask for it where a page names no icon, as the JSON ones do.
    ['/favicon.ico', 'svg', pagesIcon],
  ] as const
  for (const [path, type, content] of files) {
    app.get(path, (_request, response) => {
      response.locals.route = path
      response.setHeader('cache-control', 'public, max-age=300')
      response.type(type).send(content)
    })
  }
  for (const [name] of apps) {
    const root = resolve(options.webDir, name)
    app.get(`/${name}`, (request, response, next) => {
      response.locals.route = `/${name}/`
      // Express matches `/wallet/` here too.
      if (request.path.endsWith('/')) return next()
      response.redirect(308, `/${name}/`)
    })
    app.use(`/${name}`, (_request, response, next) => {
      response.locals.route = `/${name}/`
      if (!existsSync(join(root, 'index.html'))) throw new ApiError('ERR_NOT_FOUND', 'This app has not been built.')
      next()
    }, express.static(root, {
      index: 'index.html',
      redirect: false,
      dotfiles: 'ignore',
      setHeaders: (response, file) => {
        const hashed = /[\\/]assets[\\/]/.test(file)
        response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    }))
  }
}

function landingPage(cityName: string): string {
  const links = apps.map(([path, title, text]) =>
    `<li><a class="panel" href="/${path}/"><strong>${title}</strong><span class="soft">${escapeHtml(text)}</span></a></li>`)
  return renderPage({
    title: 'City card',
    cityName,
    body: `<h1>The city card of ${escapeHtml(cityName)}</h1>
<ul class="apps">
${links.join('\n')}
</ul>
<p class="soft"><a href="/docs">Documentation of the API</a></p>`,
  })
}
