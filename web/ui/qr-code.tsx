import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { encodeQR } from 'qr'
import { Button } from './button.tsx'
import { useNotify } from './notices.tsx'

/** The SVG path of a QR code, one unit for each module, and its width in modules. */
export function createQrPath(text: string): { path: string; size: number } {
  const rows = encodeQR(text, 'raw', { ecc: 'low', border: 4 })
  let path = ''
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue
      const from = x
      while (row[x + 1]) x++
      path += `M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`
    }
  })
  return { path, size: rows.length }
}

/**
 * A QR code with a label that says what it is for. Who cannot scan it copies the link or, on the same device, opens it.
 */
export function QrCode(
  { value, label, link, linkLabel }: { value: string; label: string; link?: string | undefined; linkLabel?: string | undefined },
) {
  const { t } = useTranslation()
  const notify = useNotify()
  const code = useMemo(() => createQrPath(value), [value])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link ?? value)
      notify(t('qr.copied'), 'good')
    } catch {
      notify(t('qr.not_copied'), 'bad')
    }
  }
  return (
    <figure className="qr">
      <svg className="qr-code" role="img" aria-label={label} viewBox={`0 0 ${code.size} ${code.size}`} shapeRendering="crispEdges">
        <rect width={code.size} height={code.size} fill="#fff" />
        <path d={code.path} fill="#000" />
      </svg>
      <figcaption>{label}</figcaption>
      <div className="actions">
        <Button kind="quiet" onPress={() => void copy()}>{t('qr.copy_link')}</Button>
        {link !== undefined && <a className="button button-quiet" href={link}>{linkLabel ?? t('qr.open_here')}</a>}
      </div>
      <details className="qr-link">
        <summary>{t('qr.show_link')}</summary>
        <code data-testid="qr-link">{link ?? value}</code>
      </details>
    </figure>
  )
}
