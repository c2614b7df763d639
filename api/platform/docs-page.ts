import { z } from 'zod'
import { problemTable } from './errors.ts'
import { escapeHtml, renderPage } from './html.ts'
import type { OpenApiDocument } from './openapi.ts'
import { defineRoute, type RouteDefinition } from './route.ts'

interface DocumentedOperation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Record<string, unknown>[]
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean; readonly description?: string }[]
  readonly requestBody?: unknown
  readonly responses?: Readonly<Record<string, unknown>>
  readonly 'x-roles'?: readonly string[]
}

/** `/openapi.json` and `/docs`: one page without scripts, written from the same document. */
export function createDocumentationRoutes(document: () => OpenApiDocument, cityName: string): readonly RouteDefinition[] {
  const tag = 'Documentation'
  let page: string | undefined
  return [
    defineRoute({
      method: 'get', path: '/openapi.json', tag, summary: 'This API as OpenAPI 3.1', access: 'public', cors: true,
      responses: { 200: z.looseObject({ openapi: z.string() }) },
      handle: async () => ({ status: 200, body: document(), headers: { 'cache-control': 'public, max-age=300' } }),
    }),
    defineRoute({
      method: 'get', path: '/docs', tag, summary: 'This API as a page', access: 'public',
      responses: { 200: { mediaType: 'text/html', description: 'The page' } },
      async handle() {
        page ??= renderDocumentation(document(), cityName)
        return { status: 200, body: page, mediaType: 'text/html; charset=utf-8', headers: { 'cache-control': 'public, max-age=300' } }
      },
    }),
  ]
}

function renderDocumentation(document: OpenApiDocument, cityName: string): string {
  const byTag = new Map<string, string[]>()
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ['get', 'post', 'delete'] as const) {
      const operation = (item as Record<string, DocumentedOperation | undefined>)[method]
      if (operation === undefined) continue
      const tag = operation.tags?.[0] ?? 'Other'
      byTag.set(tag, [...byTag.get(tag) ?? [], renderOperation(method, path, operation)])
    }
  }
  const tags = [...byTag.keys()].sort()
  const anchor = (tag: string): string => tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const codes = Object.entries(problemTable).map(([code, { status, title }]) =>
    `<tr><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td></tr>`)
  return renderPage({
    title: 'API',
    cityName,
    body: `<h1>The API of ${escapeHtml(cityName)}</h1>
<p>${escapeHtml(document.info.description ?? '')} The machine-readable document is <a href="/openapi.json">/openapi.json</a>.</p>
<nav aria-label="Sections"><p>${tags.map((tag) => `<a href="#${anchor(tag)}">${escapeHtml(tag)}</a>`).join(' · ')} · <a href="#codes">Error codes</a> · <a href="#schemas">Schemas</a></p></nav>
${tags.map((tag) => `<section id="${anchor(tag)}"><h2>${escapeHtml(tag)}</h2>${byTag.get(tag)?.join('\n') ?? ''}</section>`).join('\n')}
<section id="codes"><h2>Error codes</h2><table><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>${codes.join('')}</tbody></table></section>
<section id="schemas"><h2>Schemas</h2>${Object.entries(document.components?.schemas ?? {}).map(([name, schema]) =>
  `<details class="panel" id="schema-${escapeHtml(name)}"><summary>${escapeHtml(name)}</summary>${renderJson(schema)}</details>`).join('\n')}</section>`,
  })
}

function renderOperation(method: string, path: string, operation: DocumentedOperation): string {
  const scheme = Object.keys(operation.security?.[0] ?? {})[0]
  const who = operation['x-roles']?.join(' or ') ?? (scheme === undefined ? 'anybody' : `bearer token (${scheme})`)
  const parameters = (operation.parameters ?? []).map((parameter) =>
    `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${parameter.in}</td><td>${parameter.required === true ? 'required' : 'optional'}</td><td>${escapeHtml(parameter.description ?? '')}</td></tr>`)
  return `<details class="panel"><summary><span class="method">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code><br><span class="soft">${escapeHtml(operation.summary ?? '')}</span></summary>
${operation.description === undefined ? '' : `<p>${escapeHtml(operation.description)}</p>`}
<p>Who may call it: ${escapeHtml(who)}.</p>
${parameters.length === 0 ? '' : `<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col"></th><th scope="col"></th></tr></thead><tbody>${parameters.join('')}</tbody></table>`}
${operation.requestBody === undefined ? '' : `<h3>Body</h3>${renderJson(operation.requestBody)}`}
<h3>Answers</h3>${renderJson(operation.responses ?? {})}</details>`
}

function renderJson(value: unknown): string {
  const text = escapeHtml(JSON.stringify(value, null, 2))
  const linked = text.replaceAll(/#\/components\/schemas\/([A-Za-z0-9_]+)/g, (_match, name: string) => `<a href="#schema-${name}">${name}</a>`)
  return `<pre><code>${linked}</code></pre>`
}
