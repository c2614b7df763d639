import { expect } from 'chai'
import { SetupError } from '../../scripts/lib/setup-error.ts'
import { parseStartOptions } from '../../scripts/lib/start-options.ts'

const parse = (...args: string[]): ReturnType<typeof parseStartOptions> => parseStartOptions(args, '/repo')

describe('options of npm start', () => {
  it('have defaults a newcomer need not know', () => {
    expect(parse()).to.deep.equal({ dataDir: '/repo/.symbolon/data', port: 4800, fresh: false, tls: false, help: false, epochSeconds: 5 })
  })

  it('take a folder, a port, https and a fresh start', () => {
    const options = parse('--data', '/tmp/x', '--port', '5000', '--fresh', '--tls', '--epoch', '2')
    expect(options).to.deep.equal({ dataDir: '/tmp/x', port: 5000, fresh: true, tls: true, help: false, epochSeconds: 2 })
  })

  for (const [name, args] of [
    ['a port that is no number', ['--port', 'abc']],
    ['a port below 1024', ['--port', '80']],
    ['a port that leaves no room for the other two', ['--port', '65534']],
    ['an epoch of nothing', ['--epoch', '0']]
  ] as const) {
    it(`refuse ${name} and say what is taken`, () => {
      expect(() => parse(...args)).to.throw(SetupError, /takes a whole number from/)
    })
  }

  it('refuse an unknown option and list those there are', () => {
    expect(() => parse('--frehs')).to.throw(SetupError, /--frehs[\s\S]*--fresh +forget everything/)
  })
})
