import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import i18next from 'i18next'
import { suspensionReasons } from '../../../agent/trust.ts'
import { suspensionReason } from '../../../web/ui/suspension-reason.ts'

describe('why a city is suspended', () => {
  for (const language of ['en', 'pt', 'fr']) {
    it(`has words of its own for every published code, in ${language}`, async () => {
      const words = JSON.parse(readFileSync(new URL(`../../../web/ui/locales/${language}.json`, import.meta.url), 'utf8')) as object
      const i18n = i18next.createInstance()
      await i18n.init({ lng: language, resources: { [language]: { translation: words } }, interpolation: { escapeValue: false } })
      const texts = Object.keys(suspensionReasons).map((code) => suspensionReason(i18n.t, code))
      expect(new Set(texts).size).to.equal(texts.length)
      for (const text of texts) expect(text).not.to.include('suspension.')
      expect(suspensionReason(i18n.t, 7)).to.match(/7$/)
    })
  }
})
