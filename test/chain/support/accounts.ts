import { Wallet } from 'ethers'

export const porto = toBytes5('PTOPO')
export const clermont = toBytes5('FRCFE')
export const owner = new Wallet(`0x${'a1'.repeat(32)}`)
export const portoController = new Wallet(`0x${'b2'.repeat(32)}`)
export const clermontController = new Wallet(`0x${'c3'.repeat(32)}`)
export const merchant = new Wallet(`0x${'d4'.repeat(32)}`)
/** Recovery account of every city here. */
export const recovery = new Wallet(`0x${'1a'.repeat(32)}`)
export const guardian = new Wallet(`0x${'1b'.repeat(32)}`)
export const barcelonaController = new Wallet(`0x${'18'.repeat(32)}`)
export const berlinController = new Wallet(`0x${'19'.repeat(32)}`)

export function toBytes5(locode: string): string {
  return `0x${Buffer.from(locode, 'latin1').toString('hex')}`
}
