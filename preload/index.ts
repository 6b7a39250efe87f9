import { contextBridge, webUtils } from 'electron';
import { NATIVE_VERBS_KEY, type NativeVerbs } from '../contract/native';

const verbs: NativeVerbs = {
  shell: 'electron',
  pathForFile: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld(NATIVE_VERBS_KEY, verbs);
