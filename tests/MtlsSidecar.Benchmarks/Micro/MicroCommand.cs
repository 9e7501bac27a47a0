using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MtlsSidecar.TestKit.Files;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>What single steps cost, by BenchmarkDotNet. Short jobs in this process: figures for orientation within three minutes.</summary>
internal static class MicroCommand
{
    private static readonly Type[] All = [typeof(ValidationBenchmarks), typeof(CrlBenchmarks), typeof(ForwardBenchmarks)];

    /// <param name="filter">Which benchmarks, by a pattern over their full names.</param>
    public static int Run(string filter)
    {
        using var directory = new TestDirectory();
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .AddLogger(ConsoleLogger.Unicode)
            .AddFilter(new GlobFilter([filter]))
            .WithArtifactsPath(directory.Path);
        var summaries = BenchmarkRunner.Run(All, config);
        return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
    }
}
