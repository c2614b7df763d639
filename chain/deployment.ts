import { getAddress } from 'ethers'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ChainError } from './errors.ts'

export const contractNames = [
  'Directory',
  'CityRegistry',
  'IssuerRegistry',
  'RecognitionRegistry',
  'StatusLists',
  'Anchors',
  'RewardToken',
  'RewardPrograms',
  'Settlement',
  'CitySeat',
  'Federation',
  'Timelock',
  'Guardian'
] as const

export type ContractName = (typeof contractNames)[number]

const addressSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((value) => getAddress(value.toLowerCase()))

/** The deployment JSON: which chain, from which block on, and where each contract stands. */
export const deploymentSchema = z.object({
  chainId: z.number().int().positive(),
  deployedAtBlock: z.number().int().nonnegative(),
  contracts: z.record(z.enum(contractNames), addressSchema)
})

export type Deployment = z.infer<typeof deploymentSchema>

/**
 * Parses the deployment JSON. No I/O.
 *
 * @throws ChainError `ERR_CHAIN_DEPLOYMENT_INVALID`
 */
export function parseDeployment(value: unknown): Deployment {
  const parsed = deploymentSchema.safeParse(value)
  if (!parsed.success) {
    throw new ChainError('ERR_CHAIN_DEPLOYMENT_INVALID', `not a deployment: ${z.prettifyError(parsed.error)}`)
  }
  return parsed.data
}

/**
 * Reads the deployment JSON from a file.
 *
 * @throws ChainError `ERR_CHAIN_DEPLOYMENT_INVALID`
 */
export async function readDeployment(path: string): Promise<Deployment> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new ChainError('ERR_CHAIN_DEPLOYMENT_INVALID', `the deployment file ${path} cannot be read`, { cause })
  }
  return parseDeployment(value)
}
