using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MtlsSidecar.TestKit.Processes;

/// <summary>
/// A real program that a test started. Its output is read as it comes, it can be signalled, and it does not outlive the test:
/// disposal kills it, and whatever is left when the test program ends is killed then.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int NoSuchProcess = 3;
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly Task _reading;

    static ChildProcess()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Running.Values.ToList().ForEach(KillIfRunning);
    }

    private ChildProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(Output.ReadAllAsync(process.StandardOutput), Error.ReadAllAsync(process.StandardError));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote to its standard output.</summary>
    public OutputLines Output { get; } = new();

    /// <summary>What it wrote to its standard error.</summary>
    public OutputLines Error { get; } = new();

    /// <summary>Its standard input; closed by <see cref="ProcessStart.Input"/> unless that is null.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Starts a program.</summary>
    /// <exception cref="MissingToolException">It is not installed.</exception>
    public static ChildProcess Start(ProcessStart start)
    {
        var process = new Process { StartInfo = start.ToStartInfo() };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new MissingToolException(start.Program, exception);
        }

        Running[process.Id] = process;
        var child = new ChildProcess(process);
        if (start.Input is not null)
        {
            process.StandardInput.Write(start.Input);
            process.StandardInput.Close();
        }

        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ProcessResult> RunAsync(ProcessStart start, TimeSpan? timeout = null)
    {
        await using var child = Start(start with { Input = start.Input ?? "" });
        var exitCode = await child.WaitForExitAsync(timeout ?? TimeSpan.FromSeconds(60));
        return new ProcessResult(exitCode, child.Output.ToString(), child.Error.ToString());
    }

    /// <summary>Waits for its end and for the last of its output.</summary>
    /// <exception cref="TimeoutException">It still runs.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            await _reading.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} still runs after {timeout.TotalSeconds} s.\n{Output}\n{Error}");
        }

        return _process.ExitCode;
    }

    /// <summary>Sends a signal; to a process that has ended by itself, nothing.</summary>
    public void Signal(ProcessSignal signal)
    {
        if (Kill(_process.Id, (int)signal) != 0 && !(Marshal.GetLastPInvokeError() == NoSuchProcess && HasExited))
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    public async ValueTask DisposeAsync()
    {
        KillIfRunning(_process);
        await _process.WaitForExitAsync();
        await _reading;
        Running.TryRemove(_process.Id, out _);
        _process.Dispose();
    }

    private static void KillIfRunning(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
