import { existsSync } from 'node:fs';
import { openDevice, type OpenedDevice } from '../runtime/image/gpu/open-device';

/** Where browsers keep SwiftShader's driver, a Vulkan device that is a program on the CPU. */
const DRIVERS = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
  '/opt/microsoft/msedge/vk_swiftshader_icd.json',
  '/opt/brave.com/brave/vk_swiftshader_icd.json',
];

/**
 * A device for tests: SwiftShader's where a browser brings it, else what the machine has. A
 * driver that VK_ICD_FILENAMES names already is kept.
 * @returns the device, or in words why there is none.
 */
export async function openTestDevice(): Promise<OpenedDevice | string> {
  const driver = DRIVERS.find((path) => existsSync(path));
  if (driver) process.env.VK_ICD_FILENAMES ??= driver;
  try {
    return await openDevice();
  } catch (error) {
    const where = driver ?? 'no Chromium with vk_swiftshader_icd.json';
    return `${(error as Error).message} (SwiftShader: ${where})`;
  }
}
