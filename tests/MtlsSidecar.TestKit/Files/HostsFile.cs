using System.Text;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Files;

/// <summary>
/// A hosts file of a test's own, which one process sees in place of the machine's: names that move, without a name server. Works by a mount
/// namespace, which not every machine grants.
/// </summary>
public sealed class HostsFile(string path)
{
    /// <summary>Whether this machine lets a process have mounts of its own.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux() && Task.Run(() => ChildProcess.RunAsync(new ProcessStart("unshare", "-m", "true"))).Result.ExitCode == 0;

    /// <summary>
    /// Writes where a name leads, in place: a new file would not be seen through the mount. Over what is there, by one write: who reads
    /// meanwhile must not find an empty file, and names that lead nowhere.
    /// </summary>
    public void Point(string name, string address)
    {
        var text = Encoding.ASCII.GetBytes($"127.0.0.1 localhost\n{address} {name}\n");
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, text, 0);
        RandomAccess.SetLength(file, text.Length);
    }

    /// <summary>The same start, with this hosts file.</summary>
    public ProcessStart Wrap(ProcessStart start) => start with
    {
        Program = "unshare",
        Arguments = ["-m", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", path, start.Program, .. start.Arguments],
    };
}
