/**
 * Whether a `Content-Type` value is of one of the expected media types: compared without regard to case or parameters.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1
 */
export const isMediaType = (contentType: string | null | undefined, ...expected: readonly string[]): boolean => {
  const essence = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return essence !== undefined && expected.some((type) => type.toLowerCase() === essence)
}
