/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

export interface PageOptions {
  readonly title: string
  readonly cityName: string
  /** HTML, already escaped. */
  readonly body: string
  readonly language?: string
}

/** A server-rendered page: no script, styles from two files, so that the strict policy holds. */
export function renderPage({ title, cityName, body, language = 'en' }: PageOptions): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · ${escapeHtml(cityName)}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/theme.css">
<link rel="stylesheet" href="/pages.css">
</head>
<body>
<header class="band"><p>${escapeHtml(cityName)}</p></header>
<main>
${body}
</main>
</body>
</html>
`
}

/** The sign of the server-rendered pages, and of whatever else a browser shows of this origin. */
export const pagesIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#50555e"/>\
<g fill="none" stroke="#fff" stroke-width="5" stroke-linejoin="round"><rect x="10" y="18" width="44" height="30" rx="5"/><path d="M10 28h44"/></g></svg>
`

/** Styles of the server-rendered pages, over the city's tokens. */
export const pagesCss = `:root {
  color-scheme: light dark;
  --page: var(--city-surface, #f6f7f9); --ink: #16181d; --soft: #4a5060; --panel: #ffffff; --line: #c9ced8;
}
@media (prefers-color-scheme: dark) {
  :root { --page: var(--city-surface-dark, #111318); --ink: #f1f2f5; --soft: #b4bac7; --panel: #1c1f27; --line: #3c4250; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif; }
.band { background: var(--city-primary, #1d4f91); color: var(--city-on-primary, #ffffff); padding: 1.25rem; border-bottom: 0.3rem solid var(--city-accent, #8fb4e3); }
.band p { margin: 0 auto; max-width: 60rem; font-weight: 700; font-size: 1.25rem; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
main.narrow, .narrow { max-width: 27rem; margin-inline: auto; }
h1 { font-size: 2rem; line-height: 1.2; margin: 1rem 0; }
h2 { font-size: 1.375rem; margin: 2.5rem 0 0.75rem; }
.soft { color: var(--soft); }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 0.9rem; padding: 1.25rem; margin: 1rem 0; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; margin: 1rem 0 0.35rem; }
input { width: 100%; min-height: 3rem; font: inherit; padding: 0.5rem 0.8rem; border: 2px solid var(--line); border-radius: 0.6rem; background: var(--panel); color: var(--ink); }
button, .button { display: block; width: 100%; min-height: 3rem; margin-top: 1.5rem; font: inherit; font-weight: 700; border: 0; border-radius: 0.6rem;
  background: var(--city-primary, #1d4f91); color: var(--city-on-primary, #ffffff); text-align: center; text-decoration: none; padding: 0.7rem; cursor: pointer; }
a { color: inherit; }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible { outline: 3px solid currentColor; outline-offset: 3px; }
.error { border-left: 0.4rem solid #c4262e; }
.apps { list-style: none; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); }
.apps a { display: block; height: 100%; text-decoration: none; }
.apps strong { display: block; font-size: 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 0.6rem 0.4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
code { font-family: ui-monospace, monospace; font-size: 0.92em; overflow-wrap: anywhere; }
pre { overflow-x: auto; white-space: pre-wrap; }
h3 { font-size: 1.05rem; margin-bottom: 0.25rem; }
summary { cursor: pointer; padding: 0.5rem 0; font-weight: 600; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700; }
`
