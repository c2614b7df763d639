import type { AstNode } from './sources.ts'
import { child, childrenOf, lineAt, rangeOf, textOf, type ParsedFile, type Range } from './syntax.ts'

/**
 * One small mistake in a contract.
 * - `expression` and `statement` mutants of all files are compiled together, each behind a switch;
 * - `solo` mutants stand where no switch can (constants, modifiers, assembly) and are compiled one by one.
 */
export interface Mutant extends Range {
  readonly kind: 'expression' | 'statement' | 'solo'
  readonly file: string
  readonly line: number
  /** That line with the mistake in it. */
  readonly code: string
  /** Contract or library, and function. */
  readonly where: string
  readonly original: string
  readonly replacement: string
}

const swapped: Readonly<Record<string, string>> = {
  '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==',
  '+': '-', '-': '+', '*': '/', '/': '*', '%': '*', '**': '*',
  '<<': '>>', '>>': '<<', '&': '|', '|': '&', '^': '&', '&&': '||', '||': '&&',
}

const swappedAssembly: Readonly<Record<string, string>> = {
  lt: 'gt', gt: 'lt', eq: 'lt', and: 'or', or: 'and', add: 'sub', sub: 'add', shl: 'shr', shr: 'shl', mul: 'add', not: 'iszero', iszero: 'not',
}

const zeroCasts: Readonly<Record<string, string>> = {
  'address(0)': 'address(1)', 'bytes32(0)': 'bytes32(uint256(1))', 'bytes5(0)': 'bytes5(uint40(1))',
}

/** What stands in no function, or is not code. */
const passive = new Set([
  'ImportDirective', 'PragmaDirective', 'EventDefinition', 'ErrorDefinition', 'StructDefinition', 'EnumDefinition', 'UsingForDirective',
  'ParameterList', 'InheritanceSpecifier', 'ElementaryTypeName', 'UserDefinedTypeName', 'Mapping', 'ArrayTypeName', 'OverrideSpecifier', 'StructuredDocumentation',
])

/** Everything that can be got wrong in a file. Interfaces hold no code and yield nothing. */
export function mutantsOf(file: ParsedFile): Mutant[] {
  const found: Mutant[] = []
  const add = (kind: Mutant['kind'], where: string, range: Range, replacement: string): void => {
    const original = textOf(file, range).replaceAll(/\s+/g, ' ')
    if (original === replacement) return
    const line = lineAt(file, range.start)
    found.push({ ...range, kind, file: file.path, line, code: lineWith(file, range, replacement), where, original, replacement })
  }

  /** `solo`: nothing in here can stand behind a switch. `loop`: the step of a loop, without which it never ends. */
  const visit = (node: AstNode, where: string, context: { solo: boolean; loop?: boolean }): void => {
    if (passive.has(node.nodeType)) return
    const kind = context.solo ? 'solo' : 'expression'
    const range = rangeOf(node)
    switch (node.nodeType) {
      case 'ContractDefinition':
        if (node['contractKind'] === 'interface') return
        for (const member of node['nodes'] as AstNode[]) visit(member, String(node['name']), context)
        return
      case 'FunctionDefinition': case 'ModifierDefinition': {
        const name = `${where}.${String(node['name']) || String(node['kind'])}`
        if (node['kind'] !== 'constructor') {
          for (const modifier of (node['modifiers'] ?? []) as AstNode[]) add('solo', name, rangeOf(modifier), '')
        }
        const body = child(node, 'body')
        if (body !== undefined) visit(body, name, context)
        return
      }
      case 'VariableDeclaration': {
        const value = child(node, 'value')
        if (value !== undefined) visit(value, `${where}.${String(node['name'])}`, { solo: true })
        return
      }
      case 'InlineAssembly':
        visitAssembly(child(node, 'AST'), where)
        return
      case 'ForStatement':
        for (const { field, node: below } of childrenOf(node)) visit(below, where, { ...context, loop: field === 'loopExpression' })
        return
      case 'IfStatement': case 'Conditional': {
        const condition = child(node, 'condition')
        if (condition !== undefined) for (const outcome of ['true', 'false']) add(kind, where, rangeOf(condition), outcome)
        break
      }
      case 'ExpressionStatement': case 'EmitStatement': case 'RevertStatement': case 'Return':
        if (context.loop !== true) add('statement', where, withSemicolon(range), '')
        break
      case 'Assignment': case 'UnaryOperation': case 'BinaryOperation':
        visitOperation(node, where, kind, context)
        break
      case 'MemberAccess':
        if (node['memberName'] === 'max') add(kind, where, range, textOf(file, range).replace(/max$/, 'min'))
        break
      case 'FunctionCall': {
        const cast = zeroCasts[textOf(file, range)]
        if (cast === undefined) break
        add(kind, where, range, cast)
        return
      }
      case 'Literal':
        add(kind, where, range, otherLiteral(node, textOf(file, range)))
        return
    }
    for (const { node: below } of childrenOf(node)) visit(below, where, { solo: context.solo })
  }

  const visitOperation = (node: AstNode, where: string, kind: Mutant['kind'], context: { loop?: boolean }): void => {
    const range = rangeOf(node)
    const operator = String(node['operator'])
    if (node.nodeType === 'UnaryOperation') {
      const operand = child(node, 'subExpression')
      if (operand === undefined) return
      if (operator === '!') add(kind, where, range, textOf(file, rangeOf(operand)))
      if (operator === '++' && context.loop !== true) add(kind, where, range, textOf(file, range).replace('++', '--'))
      return
    }
    const assigned = node.nodeType === 'Assignment'
    const [left, right] = assigned
      ? [child(node, 'leftHandSide'), child(node, 'rightHandSide')]
      : [child(node, 'leftExpression'), child(node, 'rightExpression')]
    if (left === undefined || right === undefined) return
    const [leftText, rightText] = [textOf(file, rangeOf(left)), textOf(file, rangeOf(right))].map((text) => text.replaceAll(/\s+/g, ' '))
    const other = swapped[assigned ? operator.slice(0, -1) : operator]
    if (other !== undefined) add(kind, where, range, assigned ? `${leftText} ${other}= ${rightText}` : `(${leftText}) ${other} (${rightText})`)
    if (operator === '&&' || operator === '||') {
      for (const operand of [left, right]) add(kind, where, rangeOf(operand), operator === '&&' ? 'true' : 'false')
    }
  }

  const visitAssembly = (node: AstNode | undefined, where: string): void => {
    if (node === undefined) return
    if (node.nodeType === 'YulFunctionCall') {
      const name = child(node, 'functionName')
      const other = swappedAssembly[String(name?.['name'])]
      if (name !== undefined && other !== undefined) add('solo', where, rangeOf(name), other)
    }
    if (node.nodeType === 'YulLiteral') add('solo', where, rangeOf(node), increased(textOf(file, rangeOf(node))))
    for (const { node: below } of childrenOf(node)) visitAssembly(below, where)
  }

  const withSemicolon = ({ start, end }: Range): Range => {
    while (file.bytes[end - 1] !== 0x3b) end += 1
    return { start, end }
  }

  visit(file.ast, '', { solo: false })
  return found
}

/** The lines of a stretch, with something else in its place. */
function lineWith({ bytes }: ParsedFile, { start, end }: Range, replacement: string): string {
  const from = bytes.lastIndexOf('\n', start) + 1
  const next = bytes.indexOf('\n', end)
  const [before, after] = [bytes.subarray(from, start), bytes.subarray(end, next < 0 ? undefined : next)]
  return `${before.toString('utf8')}${replacement}${after.toString('utf8')}`.trim()
}

function otherLiteral(node: AstNode, text: string): string {
  switch (node['kind']) {
    case 'bool': return text === 'true' ? 'false' : 'true'
    case 'number': return text.replace(/^\S+/, (number) => increased(number))
    case 'string': return text === '""' ? '"x"' : text.replace(/(.)(["'])$/, (_, last: string, quote: string) => `${last === 'x' ? 'y' : 'x'}${quote}`)
    case 'hexString': return text.replace(/[0-9a-f]"$/, (end) => (end === '0"' ? '1"' : '0"'))
    default: return text
  }
}

/** The next number, written as the given one is. */
function increased(number: string): string {
  if (/e/i.test(number) && !number.startsWith('0x')) return `(${number} + 1)`
  const next = BigInt(number.replaceAll('_', '')) + 1n
  return number.startsWith('0x') ? `0x${next.toString(16).padStart(number.length - 2, '0')}` : String(next)
}
