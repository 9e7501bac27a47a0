namespace MtlsSidecar.TestKit.Processes;

/// <summary>Finds programs. Debian keeps servers in /usr/sbin, which an ordinary user's PATH does not have.</summary>
internal static class Tools
{
    /// <exception cref="MissingToolException">It is nowhere.</exception>
    public static string Find(string program)
    {
        if (program.Contains('/'))
        {
            return program;
        }

        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Append("/usr/sbin").Append("/sbin")
            .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists)
            ?? throw new MissingToolException(program);
    }
}
