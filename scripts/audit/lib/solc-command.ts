import { readFileSync } from 'node:fs'
import { compiler } from './sources.ts'

// As much of solc's command line as Slither uses: `--version`, and `--standard-json` with the input on stdin.
const output = process.argv.includes('--version')
  ? `solc, the solidity compiler commandline interface\nVersion: ${compiler().version()}\n`
  : compiler().compile(readFileSync(0, 'utf8'))
process.stdout.write(output)
