import { findChromium, keepScreenshots, openBrowser, type Person, type PersonOptions } from './browser.ts'
import { startSymbolon, type RunningSymbolon } from './running-symbolon.ts'

/** What a browser test of the whole product has: two running cities, and people with browsers of their own. */
export interface TwoCities {
  readonly symbolon: RunningSymbolon
  person(options?: PersonOptions): Promise<Person>
}

/**
 * Starts two cities before the tests of the surrounding suite and forgets them afterwards; without a browser the suite is
 * skipped. Leaves screenshots under `name` when a test fails.
 */
export function useTwoCities(name: string): TwoCities {
  const people: Person[] = []
  let chromium: string | undefined
  let running: RunningSymbolon | undefined

  before(async function () {
    chromium = findChromium()
    if (chromium === undefined) return this.skip()
    running = await startSymbolon()
  })

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await keepScreenshots(people, name)
  })

  after(async () => {
    await Promise.all(people.map((person) => person.close()))
    await running?.dispose()
  })

  return {
    get symbolon() {
      if (running === undefined) throw new Error('the cities are not running yet')
      return running
    },
    async person(options = {}) {
      if (chromium === undefined) throw new Error('there is no browser')
      const person = await openBrowser(chromium, options)
      people.push(person)
      return person
    }
  }
}
