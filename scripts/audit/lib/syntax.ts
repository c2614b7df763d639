import { compile, errorsOf, type AstNode, type Sources } from './sources.ts'

/** A stretch of a file, in bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A file of ours, its bytes and its syntax tree. Offsets of the compiler count bytes. */
export interface ParsedFile {
  readonly path: string
  readonly bytes: Buffer
  readonly ast: AstNode
}

/** Parses some of the sources. */
export function parseFiles(paths: readonly string[], sources: Sources): ParsedFile[] {
  const output = compile(new Map(paths.map((path) => [path, sources.get(path) ?? ''])), { astOnly: true })
  const fatal = errorsOf(output).filter(({ formattedMessage }) => !formattedMessage.includes('not found'))
  if (fatal.length > 0) throw new Error(fatal.map(({ formattedMessage }) => formattedMessage).join('\n'))
  return paths.map((path) => {
    const ast = output.sources?.[path]?.ast
    if (ast === undefined) throw new Error(`the compiler gave no syntax tree of ${path}`)
    return { path, bytes: Buffer.from(sources.get(path) ?? ''), ast }
  })
}

/** Where a node stands. */
export function rangeOf(node: AstNode): Range {
  const [start = 0, length = 0] = node.src.split(':').map(Number)
  return { start, end: start + length }
}

/** A node's source. */
export function textOf(file: ParsedFile, { start, end }: Range): string {
  return file.bytes.subarray(start, end).toString('utf8')
}

/** The line of an offset, from 1. */
export function lineAt(file: ParsedFile, offset: number): number {
  let line = 1
  for (let at = 0; at < offset; at++) if (file.bytes[at] === 0x0a) line += 1
  return line
}

/** Whether a value out of the tree is a node. */
export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value
}

/** A node below another one by the name of its field. */
export function child(node: AstNode, field: string): AstNode | undefined {
  const value = node[field]
  return isNode(value) ? value : undefined
}

/** All nodes directly below one, with the fields they stand in. */
export function childrenOf(node: AstNode): { field: string; node: AstNode }[] {
  return Object.entries(node).flatMap(([field, value]) =>
    (Array.isArray(value) ? value as unknown[] : [value]).filter(isNode).map((found) => ({ field, node: found })),
  )
}

/** A change of a stretch: what is there, already rendered, goes in and comes out changed. Never adds or takes a line. */
export interface Edit extends Range {
  readonly apply: (rendered: string) => string
}

/** The file with all edits; an edit may lie within another one, and of two on one stretch the first is the inner one. */
export function applyEdits(file: ParsedFile, edits: readonly Edit[]): string {
  const sorted = edits.map((edit, index) => ({ edit, index }))
    .sort((a, b) => a.edit.start - b.edit.start || b.edit.end - a.edit.end || b.index - a.index)
    .map(({ edit }) => edit)
  let next = 0
  const render = (from: number, to: number): string => {
    let text = ''
    let at = from
    for (let edit = sorted[next]; edit !== undefined && edit.start < to; edit = sorted[next]) {
      text += textOf(file, { start: at, end: edit.start })
      next += 1
      text += edit.apply(render(edit.start, edit.end))
      at = edit.end
    }
    return text + textOf(file, { start: at, end: to })
  }
  return render(0, file.bytes.length)
}

/** Lets a file import a helper, on the line of its pragma, so that the lines stay where they are. */
export function importing(text: string, name: string, path: string): string {
  return text.replace(/^pragma solidity [^;]*;/m, (pragma) => `${pragma} import {${name}} from "${path}";`)
}
