const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined

function paint(code: number, text: string): string {
  return colour ? `\u001b[${code}m${text}\u001b[0m` : text
}

export const bold = (text: string): string => paint(1, text)
export const dim = (text: string): string => paint(2, text)
export const red = (text: string): string => paint(31, text)
export const green = (text: string): string => paint(32, text)

export function print(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** One line for each stage of long work, closed with how long it took. */
export async function stage<T>(title: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  process.stdout.write(`  ${title} … `)
  try {
    const result = await work()
    print(`${green('done')} ${dim(`${((performance.now() - begun) / 1000).toFixed(1)} s`)}`)
    return result
  } catch (error) {
    print(red('failed'))
    throw error
  }
}
