import { createContext, use, useCallback, useEffect, useState } from 'react'
import type { CityPoints } from './points/city-points.ts'
import type { Orders } from './points/order.ts'
import type { Vault } from './vault/vault.ts'

/** What the screens work with. */
export interface WalletTools {
  readonly vault: Vault
  readonly city: CityPoints
  readonly orders: Orders
}

const WalletContext = createContext<WalletTools | undefined>(undefined)
export const WalletProvider = WalletContext.Provider

export function useWallet(): WalletTools {
  const tools = use(WalletContext)
  if (tools === undefined) throw new Error('There is no wallet around this screen')
  return tools
}

/** Reads something from the vault and reads it again after every change; undefined until it is read. */
export function useStored<T>(read: (vault: Vault) => Promise<T>): T | undefined {
  const { vault } = useWallet()
  const [value, setValue] = useState<T>()
  const load = useCallback(() => read(vault), [read, vault])
  useEffect(() => {
    let isCurrent = true
    const refresh = () => void load().then((next) => {
      if (isCurrent) setValue(next)
    })
    refresh()
    const stop = vault.subscribe(refresh)
    return () => {
      isCurrent = false
      stop()
    }
  }, [load, vault])
  return value
}
