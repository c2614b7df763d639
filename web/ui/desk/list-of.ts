/** The rows of a list answer, whether it is a bare array or an object with the rows under one name. */
export function listOf<T>(answer: unknown, name: string): readonly T[] {
  if (Array.isArray(answer)) return answer as T[]
  const rows = (answer as Record<string, unknown> | null | undefined)?.[name]
  return Array.isArray(rows) ? rows as T[] : []
}
