import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { webApps } from '../../web/vite.config.ts'

const webFolder = fileURLToPath(new URL('../../web/', import.meta.url))
const languages = ['en', 'pt', 'fr'] as const

async function readWords(folder: string, language: string): Promise<Map<string, string>> {
  const text = await readFile(join(webFolder, folder, 'locales', `${language}.json`), 'utf8')
  const words = new Map<string, string>()
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'string') words.set(path, value)
    else for (const [name, inner] of Object.entries(value as object)) walk(inner, path === '' ? name : `${path}.${name}`)
  }
  walk(JSON.parse(text), '')
  return words
}

/** A key without the plural form, of which languages have different ones. */
const stem = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '')

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort()

describe('locales', () => {
  for (const folder of ['ui', 'ui/desk', ...webApps]) {
    describe(folder, () => {
      it('has the same keys in all languages, with the plural forms each language needs', async () => {
        const [english, ...others] = await Promise.all(languages.map((language) => readWords(folder, language)))
        const keys = new Set([...(english?.keys() ?? [])].map(stem))
        expect(keys.size, 'number of keys').to.be.greaterThan(0)
        for (const [i, words] of others.entries()) {
          expect([...new Set([...words.keys()].map(stem))].sort(), languages[i + 1]).to.deep.equal([...keys].sort())
        }
        for (const [i, words] of [english, ...others].entries()) {
          const { pluralCategories } = new Intl.PluralRules(languages[i]).resolvedOptions()
          for (const key of words?.keys() ?? []) {
            if (!key.endsWith('_other')) continue
            const forms = pluralCategories.map((form) => `${stem(key)}_${form}`)
            expect(forms.filter((form) => words?.has(form) !== true), `${languages[i]} ${stem(key)}`).to.deep.equal([])
          }
        }
      })

      it('leaves no text empty and keeps the placeholders', async () => {
        const english = await readWords(folder, 'en')
        for (const language of languages) {
          for (const [key, text] of await readWords(folder, language)) {
            expect(text.trim(), `${language} ${key}`).not.to.equal('')
            const model = english.get(key) ?? english.get(`${stem(key)}_other`)
            if (!key.endsWith('_one')) expect(placeholders(text), `${language} ${key}`).to.deep.equal(placeholders(model ?? ''))
          }
        }
      })

      it('breaks no line before a French colon, semicolon, question or exclamation mark, nor within quotation marks', async () => {
        for (const [key, text] of await readWords(folder, 'fr')) expect(text, key).not.to.match(/ [:;?!»]|« /)
      })

      it('has every text that a screen asks for by name', async () => {
        const folders = new Set(['ui', 'ui/desk', folder])
        const words = await Promise.all([...folders].map((name) => readWords(name, 'en')))
        const known = new Set(words.flatMap((found) => [...found]).flatMap(([key]) => [key, stem(key)]))
        const missing: string[] = []
        for await (const path of glob('**/*.{ts,tsx}', { cwd: join(webFolder, folder) })) {
          const source = await readFile(join(webFolder, folder, path), 'utf8')
          for (const [, key] of source.matchAll(/\bt\(\s*'([a-z0-9_]+(?:\.[a-z0-9_]+)+)'/gi)) {
            if (key !== undefined && !known.has(key)) missing.push(`${path}: ${key}`)
          }
        }
        expect(missing).to.deep.equal([])
      })

      if (!folder.startsWith('ui')) {
        it('does not overwrite words of the shared parts', async () => {
          const top = (words: Map<string, string>) => new Set([...words.keys()].map((key) => key.split('.')[0]))
          const shared = new Set([...top(await readWords('ui', 'en')), ...top(await readWords('ui/desk', 'en'))])
          expect([...top(await readWords(folder, 'en'))].filter((name) => shared.has(name))).to.deep.equal([])
        })
      }
    })
  }
})
