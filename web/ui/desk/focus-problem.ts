/** Moves the focus to the first field of a form that reads as wrong, once the form has said so. */
export function focusProblem(form: ParentNode): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[data-invalid] input, [data-invalid] textarea, [aria-invalid=true], [data-problem]')?.focus())
}
