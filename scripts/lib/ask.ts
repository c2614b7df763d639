import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Ask } from './command-line.ts'

/** A way to ask whoever sits at the terminal; undefined when nobody does. Ctrl-C and the end of input are an empty answer. */
export function createAsk(stopped: AbortSignal): Ask | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (question, { hidden } = { hidden: false }) => {
    if (hidden) process.stderr.write(question)
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true })
    const ended = new Promise<string>((resolve) => {
      lines.once('close', () => resolve(''))
      lines.once('SIGINT', () => lines.close())
    })
    try {
      return await Promise.race([lines.question(hidden ? '' : question, { signal: stopped }), ended])
    } catch (error) {
      if (stopped.aborted) return ''
      throw error
    } finally {
      lines.close()
      if (hidden) process.stderr.write('\n')
    }
  }
}
