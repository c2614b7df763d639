import type { Db } from './database.ts'
import type { Secrets } from './secrets.ts'

export interface Settings {
  find(name: string): Promise<string | undefined>
  /** The stored value, or the one made now; of two processes that make one, the first to write counts. */
  findOrCreate(name: string, create: () => Promise<string>): Promise<string>
}

/** Small values the service makes once and keeps, sealed. */
export function createSettings(db: Db, secrets: Secrets): Settings {
  const place = (name: string): string => `platform_settings.value:${name}`
  const find = async (name: string): Promise<string | undefined> => {
    const row = await db.selectFrom('platform_settings').select('value_sealed').where('name', '=', name).executeTakeFirst()
    return row === undefined ? undefined : secrets.openText('settings', place(name), row.value_sealed)
  }
  return {
    find,
    async findOrCreate(name, create) {
      const known = await find(name)
      if (known !== undefined) return known
      const value = await create()
      await db.insertInto('platform_settings').values({ name, value_sealed: secrets.seal('settings', place(name), value) })
        .onConflict((conflict) => conflict.column('name').doNothing()).execute()
      return await find(name) ?? value
    },
  }
}
