# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for the libcare tools: options come from --help, so that they
# cannot go stale; commands, process ids and .kpatch files are added.

_libcare_options() {
  "$@" --help 2>/dev/null | grep -oE -- '(^|[ ,])-{1,2}[a-z][-a-z]*' | tr -d ' ,'
}

_libcare() {
  local tool=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local commands=
  case ${tool##*/} in
  libcare-ctl) commands="patch unpatch info exec" ;;
  kpatch_tool) commands="make check show types" ;;
  kpatch_make) commands="deb rpm" ;;
  esac
  COMPREPLY=()
  if [[ $previous == -p && ${tool##*/} == libcare-ctl ]]; then
    mapfile -t COMPREPLY < <(compgen -W "all $(cd /proc && echo [0-9]*)" -- "$word")
  elif [[ $previous == --coroutines ]]; then
    mapfile -t COMPREPLY < <(compgen -W "auto scan off" -- "$word")
  elif [[ -n $commands && $COMP_CWORD == 1 && $word != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
  elif [[ $word == -* ]]; then
    local command=
    [[ -n $commands && $COMP_CWORD -gt 1 && " $commands " == *" ${COMP_WORDS[1]} "* ]] &&
      command=${COMP_WORDS[1]}
    mapfile -t COMPREPLY < <(compgen -W "$(_libcare_options "$tool" $command)" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}

complete -o filenames -F _libcare libcare-ctl kpatch_tool kpatch_gensrc kpatch_make
