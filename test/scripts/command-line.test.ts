import { expect } from 'chai'
import { ChainError } from '../../chain/errors.ts'
import { runCommandLine, type CommandGroup } from '../../scripts/lib/command-line.ts'
import { SetupError } from '../../scripts/lib/setup-error.ts'

describe('the operators’ command line', () => {
  const seen: unknown[] = []
  const groups: readonly CommandGroup[] = [{
    name: 'garden',
    about: 'plants',
    commands: [{
      name: 'water',
      about: 'waters plants',
      options: {
        plant: { value: 'NAME', about: 'which', many: true, required: true },
        litres: { value: 'N', about: 'how much', standard: '2' },
        from: { value: 'FILE', about: 'where the can is' },
        gently: { about: 'not from high up' }
      },
      async run(input, print) {
        seen.push({ plants: input.list('plant'), litres: input.number('litres', 1, 10), from: input.optional('from'), gently: input.flag('gently') })
        if (input.optional('from') === 'nowhere') throw new SetupError('There is no can.')
        if (input.optional('from') === 'afar') throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the well is dry')
        if (input.optional('from') === 'below') throw new TypeError('no such thing')
        print('watered')
      }
    }]
  }]
  let out: string[]
  let err: string[]

  beforeEach(() => {
    seen.length = 0
    out = []
    err = []
  })

  const run = (...args: string[]): Promise<number> =>
    runCommandLine('tool', groups, args, { print: (line) => out.push(line), complain: (line) => err.push(line), stopped: new AbortController().signal })

  it('gives a command its options, with standard values', async () => {
    expect(await run('garden', 'water', '--plant', 'rose', '--plant', 'lily', '--gently')).to.equal(0)
    expect(seen).to.deep.equal([{ plants: ['rose', 'lily'], litres: 2, from: undefined, gently: true }])
    expect(out).to.deep.equal(['watered'])
  })

  for (const [what, args, sentence] of [
    ['an unknown group', ['kitchen'], /no "kitchen"[\s\S]*garden water/],
    ['an unknown command', ['garden', 'mow'], /no "garden mow"[\s\S]*water/],
    ['an unknown option', ['garden', 'water', '--plant', 'rose', '--litre', '2'], /--litre[\s\S]*--litres N/],
    ['a required option that is missing', ['garden', 'water'], /--plant is missing/],
    ['an argument that belongs to no option', ['garden', 'water', '--plant', 'rose', 'lily'], /lily/]
  ] as const) {
    it(`refuses ${what} with exit code 2, and says what there is`, async () => {
      expect(await run(...args)).to.equal(2)
      expect(err.join('\n')).to.match(sentence)
      expect(seen).to.deep.equal([])
    })
  }

  it('refuses a number out of range with exit code 2', async () => {
    expect(await run('garden', 'water', '--plant', 'rose', '--litres', '11')).to.equal(2)
    expect(err.join()).to.match(/--litres takes a whole number from 1 to 10, not "11"[\s\S]*tool garden water --help/)
  })

  it('helps at every level', async () => {
    expect(await run()).to.equal(2)
    expect(await run('--help')).to.equal(0)
    expect(await run('garden', '--help')).to.equal(0)
    expect(await run('garden', 'water', '--help')).to.equal(0)
    expect(out.at(-1)).to.match(/--plant NAME +which \(required, may be repeated\)[\s\S]*--litres N +how much \(default 2\)/)
    expect(seen).to.deep.equal([])
  })

  it('says in a sentence why something could not be done, and with its code where there is one', async () => {
    expect(await run('garden', 'water', '--plant', 'rose', '--from', 'nowhere')).to.equal(1)
    expect(await run('garden', 'water', '--plant', 'rose', '--from', 'afar')).to.equal(1)
    expect(err).to.deep.equal(['There is no can.', 'the well is dry (ERR_CHAIN_UNREACHABLE)'])
  })

  it('shows where something unexpected came from', async () => {
    expect(await run('garden', 'water', '--plant', 'rose', '--from', 'below')).to.equal(1)
    expect(err.join()).to.match(/Unexpected: TypeError: no such thing\n +at /)
  })
})
