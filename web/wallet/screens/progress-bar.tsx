/** How far something is, in numbers too. */
export function ProgressBar({ label, done, all }: { label: string; done: number; all: number }) {
  return (
    <label className="stack">
      <span>{label}</span>
      <progress className="wallet-progress" value={done} max={all} />
    </label>
  )
}
