/** What the tray and the system's dialogs say, in the languages of the window. The window's own words are in renderer/i18n. */

export interface Words {
  allOff: string;
  on: (services: number) => string;
  failed: string;
  open: (connections: number) => string;
  switchOn: string;
  chain: string;
  direct: string;
  copyAddress: string;
  copyCommand: string;
  problems: (count: number) => string;
  openWindow: string;
  quit: string;
  cannotStart: string;
  noTray: string;
  noTrayDetail: string;
  stay: string;
}

const en: Words = {
  allOff: 'all services off',
  on: (count) => `${count} ${count === 1 ? 'service' : 'services'} on`,
  failed: 'failed',
  open: (count) => `${count} open`,
  switchOn: 'On',
  chain: 'Send through',
  direct: 'Direct',
  copyAddress: 'Copy address',
  copyCommand: 'Copy command for terminal',
  problems: (count) => `${count} ${count === 1 ? 'problem' : 'problems'}…`,
  openWindow: 'Open Sockeye',
  quit: 'Quit',
  cannotStart: 'Sockeye can not start',
  noTray: 'Keep Sockeye running?',
  noTrayDetail:
    'This desktop shows no tray icons, so without its window Sockeye could not be seen. Its services stop when it quits.',
  stay: 'Keep running, minimised',
};

const zh: Words = {
  allOff: '所有服务已关闭',
  on: (count) => `${count} 个服务已开启`,
  failed: '失败',
  open: (count) => `${count} 个连接`,
  switchOn: '开启',
  chain: '经由',
  direct: '直连',
  copyAddress: '复制地址',
  copyCommand: '复制终端命令',
  problems: (count) => `${count} 个问题…`,
  openWindow: '打开 Sockeye',
  quit: '退出',
  cannotStart: 'Sockeye 无法启动',
  noTray: '让 Sockeye 继续运行吗？',
  noTrayDetail: '此桌面不显示托盘图标，关闭窗口后就看不到 Sockeye 了。退出时它的服务会停止。',
  stay: '最小化并继续运行',
};

/** By the system's language, such as `zh-CN`. */
export function wordsFor(locale: string): Words {
  return /^zh\b/i.test(locale) ? zh : en;
}
