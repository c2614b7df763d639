import type { AccountOverride } from '@nomicfoundation/edr'
import { compile, errorsOf, type SolcOutput, type Sources } from './sources.ts'
import { applyEdits, importing, type Edit, type ParsedFile } from './syntax.ts'
import type { Mutant } from './mutants.ts'

const helperPath = 'symbolon-mutant.sol'
const switchAddress = '0x00000000000000000000000000000000006D7574'

/**
 * Says which mutant is alive: the balance of an account that the runner sets up. Reading a balance is no call, so it does
 * not get between `vm.prank` or `vm.expectRevert` and the call they are for.
 */
const helper = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;
library SymbolonMutant {
    function on(uint256 id) internal pure returns (bool) {
        return _pure(_isOn)(id);
    }
    function _isOn(uint256 id) private view returns (bool) {
        return address(${switchAddress}).balance == id;
    }
    function _pure(
        function(uint256) internal view returns (bool) given
    ) private pure returns (function(uint256) internal pure returns (bool) taken) {
        assembly { taken := given }
    }
}
`

/** The account whose balance wakes one mutant. */
export function switchOn(id: number): AccountOverride {
  return { address: Buffer.from(switchAddress.slice(2), 'hex'), balance: BigInt(id), code: Buffer.from('00', 'hex') }
}

function editOf(mutant: Mutant, id: number): Edit {
  const { start, end, kind, replacement } = mutant
  return {
    start,
    end,
    apply: kind === 'statement'
      ? (text) => `{ if (!SymbolonMutant.on(${id})) { ${text} } }`
      : (text) => `(SymbolonMutant.on(${id}) ? (${replacement}) : (${text}))`,
  }
}

/** All mutants of all files in one compilation, asleep. */
export interface Switched {
  readonly output: SolcOutput
  /** The number that wakes a mutant. */
  readonly ids: ReadonlyMap<Mutant, number>
  /** Those that the compiler would not take behind a switch. */
  readonly unswitchable: readonly Mutant[]
}

/**
 * Compiles the sources with a switch in front of every mutant.
 *
 * @throws Error when the compiler refuses the sources for another reason than a switch
 */
export function compileSwitched(files: readonly ParsedFile[], mutants: readonly Mutant[], sources: Sources, wanted: readonly string[]): Switched {
  const ids = new Map(mutants.filter(({ kind }) => kind !== 'solo').map((mutant, index) => [mutant, index + 1]))
  const unswitchable: Mutant[] = []
  let viaIR = false
  for (let attempt = 0; attempt < 25; attempt++) {
    const switched = new Map(sources).set(helperPath, helper)
    for (const file of files) {
      const edits = [...ids].filter(([mutant]) => mutant.file === file.path).map(([mutant, id]) => editOf(mutant, id))
      if (edits.length > 0) switched.set(file.path, importing(applyEdits(file, edits), 'SymbolonMutant', helperPath))
    }
    const output = compile(switched, { wanted, viaIR })
    const errors = errorsOf(output)
    if (errors.length === 0) return { output, ids, unswitchable }
    if (!viaIR && errors.some(({ formattedMessage }) => formattedMessage.includes('tack too deep'))) {
      viaIR = true
      continue
    }
    let progress = false
    for (const { sourceLocation, formattedMessage } of errors) {
      const file = files.find(({ path }) => path === sourceLocation?.file)
      if (file === undefined || sourceLocation === undefined) throw new Error(formattedMessage)
      const own = [...ids.keys()].filter((mutant) => mutant.file === file.path)
      const [from, to] = linesOf(switched.get(file.path) ?? '', sourceLocation)
      const guilty = formattedMessage.includes('storage pointer')
        ? pointersBelow(own, from)
        : blamed(own.filter(({ line }) => line >= from && line <= to))
      for (const mutant of guilty) {
        ids.delete(mutant)
        unswitchable.push(mutant)
        progress = true
      }
    }
    if (!progress) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'))
  }
  throw new Error('the compiler goes on refusing switches')
}

/** Literals and casts first: a conditional has a type of its own, where a literal alone would take what is wanted. */
function blamed(candidates: readonly Mutant[]): readonly Mutant[] {
  const literals = candidates.filter(({ original }) => /^(\d|0x|"|hex"|true$|false$|\w+\(0\)$)/.test(original))
  const expressions = candidates.filter(({ kind }) => kind === 'expression')
  if (literals.length > 0) return literals
  return expressions.length > 0 ? expressions : candidates
}

/** A named result that points into storage must be assigned on every path: the next assignments cannot be left out. */
function pointersBelow(mutants: readonly Mutant[], line: number): readonly Mutant[] {
  const where = mutants.find((mutant) => mutant.line >= line)?.where
  return mutants.filter((mutant) => mutant.where === where && mutant.kind === 'statement' && /^\w+ = |^return /.test(mutant.original))
}

function linesOf(text: string, { start, end }: { start: number; end: number }): [number, number] {
  const bytes = Buffer.from(text)
  const count = (to: number): number => bytes.subarray(0, to).toString('utf8').split('\n').length
  return [count(start), count(end)]
}
