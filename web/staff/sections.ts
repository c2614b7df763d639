import type { Role } from '../ui/use-session.ts'

/** The parts of the console in their order, each with the role it is for. */
export const sections = [
  { name: 'residents', role: 'staff' }, { name: 'merchants', role: 'staff' }, { name: 'settlements', role: 'staff' }, { name: 'programs', role: 'staff' },
  { name: 'federation', role: 'federation' }, { name: 'record', role: 'auditor' },
] as const satisfies readonly { readonly name: string; readonly role: Role }[]

export type Section = (typeof sections)[number]

/** The section a path leads to; a path that names none, such as `enrol`, is the residents'. */
export function sectionOf([first]: readonly string[]): Section {
  return sections.find(({ name }) => name === first) ?? sections[0]
}

/** Whether somebody with these roles may use a section. */
export function mayUse(section: Section, roles: readonly Role[]): boolean {
  return roles.includes(section.role)
}

/** Where somebody with these roles begins; undefined when nothing here is for them. */
export function firstSection(roles: readonly Role[]): Section | undefined {
  return sections.find((section) => mayUse(section, roles))
}
