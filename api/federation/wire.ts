import { z } from 'zod'

export const citySchema = z.object({
  locode: z.string(), name: z.string(), did: z.string(), public_url: z.string(), chain_id: z.int(), env: z.enum(['demo', 'production', 'test']),
  status_epoch_seconds: z.int(), controller: z.string(), credential_type: z.string(),
}).meta({ id: 'City' })
