import { useEffect, useState } from 'react'

/** The time in milliseconds, renewed every second while the screen is open and `isRunning`. */
export function useNow(isRunning = true): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isRunning])
  return now
}
