using System.ComponentModel;
using System.Runtime.InteropServices;

namespace MtlsSidecar.TestKit.Files;

/// <summary>rename(2), which .NET offers for files but not for a link to a directory over another one.</summary>
public static class AtomicRename
{
    /// <summary>Renames <paramref name="source"/> over <paramref name="target"/>: whoever looks sees the old or the new one, never neither.</summary>
    public static void Over(string source, string target)
    {
        if (Rename(source, target) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Replaces a file's content in one step, as careful tools do.</summary>
    public static void Write(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        Over(path + ".new", path);
    }

    [DllImport("libc", EntryPoint = "rename", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(string source, string target);
}
