/** Which addresses mean this machine. */

export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '')
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}

/** Of a URL that the settings or an agreement hold; what is none leads nowhere. */
export function isLoopbackUrl(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && isLoopbackHost(parsed.hostname)
}
